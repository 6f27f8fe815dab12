"""The measurements of compare.py, one module each; process.py and report.py are what they share."""
