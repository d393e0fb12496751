"""The MCP server: what an assistant of another house may ask of a workspace, and no more."""
