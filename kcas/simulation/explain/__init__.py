"""Why was the rate what it was: how much by calls, by their hours, by their length, by staff, and by chance?"""
