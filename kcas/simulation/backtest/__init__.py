"""Does the fitted model say what days it has not seen will bring, and better than a simple rule?"""
