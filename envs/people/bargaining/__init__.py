"""The parties of a project bargain: packages, utilities, the protocol, and what comes out over many draws."""
