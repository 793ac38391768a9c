// Anchors the shared precompiled header (cmake/floors.cmake).
