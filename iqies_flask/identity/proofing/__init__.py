"""Proofing: is the person of an account who he or she says?"""
