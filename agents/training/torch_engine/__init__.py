"""The engine on one device: games of several cities side by side, decisions, buffers and updates in torch."""
