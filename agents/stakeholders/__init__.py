"""What the parties of a project say: satisfied or not, and why, made from the numbers of their bargaining."""
