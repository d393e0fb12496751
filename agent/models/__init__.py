"""Language models through LangChain: asked, retried, counted, paid for."""
