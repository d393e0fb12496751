"""The web page: a shell, and modules of a browser that ask the API as anybody may."""
