"""A plan as decisions one after the other, as people read it: tables, sentences, a picture and a map."""
