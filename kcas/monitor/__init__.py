"""Has the rate really moved?"""
