"""Tests of the pure floor: tables of values, and properties for every parser and for the scope algebra."""
