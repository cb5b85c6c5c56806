"""The decision room: the browser application in which a planner sets a scenario, searches, chooses and edits a plan."""
