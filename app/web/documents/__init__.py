"""The small documents a room works on: drafts, edits, comparisons. No Streamlit."""
