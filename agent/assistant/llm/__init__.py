"""Plans by language models: a TaskSpec from a prompt, checked against the prompt word by word."""
