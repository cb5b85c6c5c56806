"""Pages of the browser application, one file each; each is run by Streamlit as a script."""
