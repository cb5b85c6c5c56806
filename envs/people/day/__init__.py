"""The day of residents on average: chains of activities, where they lead, by which mode, and who is where when."""
