# sample settings
