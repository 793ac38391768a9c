#include <gtest/gtest.h>
TEST(OpenApi, Placeholder) {}
