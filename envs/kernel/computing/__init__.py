"""How arrays are computed: the array library, results remembered by content, chunks side by side."""
