"""Tests of the benchmarks themselves: that they run, and say what they measured."""
