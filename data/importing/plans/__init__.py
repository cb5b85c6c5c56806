"""Plans made elsewhere: tables and layers with year, density and mix in their makers' words."""
