"""What is shown of plans: tables, measures, rules, fronts, and which plan a preset would take."""
