"""The plots of the report, one a file: from frames to a figure that the page draws."""
