"""English vocabulary: words that ask for nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from agent.assistant.grammar.words.vocabulary.table import Entry

ENTRIES: Final[tuple[Entry, ...]] = (
    (
        "LINK",
        None,
        (
            "the|a|an|of|is|are|be|being|my|your|our|its|their|'s|set to|equal to|equals|with"
            "|using|use|by|as|so|some|any"
        ),
    ),
    (
        "FILL",
        None,
        (
            "think|believe|suppose|wonder|curious|rolling|if i|if we|if you|if one|when i"
            "|when we|no shorting|no shorts|no short selling|but|however|though|invest"
            "|investing|please|kindly|i|we|you|me|us|it|they|them|he|she|that|these|those|there"
            "|here|i'd|i'm|i'll|let|let's|would|could|can|will|shall|should|might|want|want to"
            "|like|like to|need|need to|wish|hope|try|tell|show|give|find out|know|see|look"
            "|look at|look into|check|tests|tested|backtest|backtests|backtested"
            "|back-test|backtesting|run|runs|study|studies|research|explore|investigate|examine"
            "|analyse|analyze|analysis|evaluate|assess|measure|simulate|simulation|experiment"
            "|build|make|do|does|did|done|have|has|had|was|were|been|get|gets|what if|see if"
            "|check if|know if|find out if|test if|whether|how|what|which|who|well|work|works"
            "|worked|working|perform|performs|performed|performance|hold up|holds up|held up"
            "|winning|losing|go on|goes on|survive|survives|survived|still|persist|persists"
            "|exist|exists|pay|pays|paid|pay off|pays off|profitable|long-only|long only"
            "|make money|makes money|made money|earn|earns|earned|robust|robust to|strategy"
            "|strategies|factor|factors|signal|signals|effect|idea|rule|approach|style|based"
            "|based on|built on|us stocks|us shares|us equities|american shares|american stocks"
            "|u.s. stocks|stock market|us stock market|us market|tech stocks|technology stocks"
            "|technology shares|sample|sample data|the sample data|thanks|thank you|hi|hello"
            "|hey|then|also|too|same|when trading|apply|applied|consider|considering|include"
            "|including|includes|added|detect|detects|detecting|detection|detector|detectors"
            "|find|finding|look for|looking for|look out for|watch|watching|watch for"
            "|watch out for|monitor|monitoring|mark|marking|flag|flagging|spot|track|tracking"
            "|alarms|alarm|patterns|pattern|compute|calculate|report|results|result|go|going"
            "|happen|happens|happened|into|onto|out|up|per annum|assume|assuming|given|take"
            "|taking|taken|put|place|paying|charge|charging|charged|cross-sectional"
            "|cross-section|time|times|case|question|returns|return|past return|past returns"
            "|historical|history|ones|one's|the others|the rest|others|qraft|plan|task|spec"
            "|draft|kick off|launch|start the study|job"
        ),
    ),
)
"""Kind, value, phrases separated by bars."""
