"""Pictures for files and reports: fronts and maps by matplotlib."""
