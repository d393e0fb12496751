"""The lake: results as files with a manifest, over objects in a folder, in memory or a bucket."""
