"""A person's answers put into the prompt, which is then read anew."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from agent.assistant.grammar.drafts.draft import Question


def amend(prompt: str, question: Question, answer: str) -> str:
    """Return the prompt with the words that a question is about replaced by its answer.

    An empty answer leaves those words out. Where words are missing, the answer is added.

    Examples
    --------
    >>> from agent.assistant.grammar.drafts.draft import Question
    >>> amend("momentum with lots of flair", Question("?", "lots of flair", ((14, 27),)), "")
    'momentum with'
    >>> amend("since 2008", Question("Which idea?", ""), "momentum")
    'since 2008, momentum'
    """
    answer = answer.strip()
    if not question.spans:
        return f"{prompt}, {answer}" if answer else prompt
    text = prompt
    for number, (start, end) in reversed(list(enumerate(question.spans))):
        text = text[:start] + (answer if number == 0 else "") + text[end:]
    return " ".join(text.split())
