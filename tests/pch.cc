// Anchors the precompiled header of the tests; holds no test of its own.
