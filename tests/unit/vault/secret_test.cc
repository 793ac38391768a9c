#include "vault/secret.h"

#include <gtest/gtest.h>

#include <new>

namespace osler::vault {
namespace {

static_assert(!std::is_copy_constructible_v<Secret> && !std::is_copy_assignable_v<Secret>);

// RFC 5869 appendix A.1, first 32 of its 42 bytes of output.
TEST(Hkdf, AgreesWithRfc5869) {
  const Bytes material(22, 0x0b);
  const Bytes salt = from_hex("000102030405060708090a0b0c").value();
  const Bytes info = from_hex("f0f1f2f3f4f5f6f7f8f9").value();
  EXPECT_EQ(to_hex(hkdf_sha256(material, salt, info).view()), "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf");
}

TEST(Secret, LabelsGiveIndependentKeys) {
  const Secret root(Bytes(32, 7));
  EXPECT_EQ(to_hex(root.derive("a").view()), to_hex(root.derive("a").view()));
  EXPECT_NE(to_hex(root.derive("a").view()), to_hex(root.derive("b").view()));
  EXPECT_NE(to_hex(root.derive("a").view()), to_hex(root.view()));
}

TEST(Secret, IsWipedWhenMovedFromAndWhenDestroyed) {
  Secret first(Bytes(32, 7));
  const Secret second = std::move(first);
  EXPECT_EQ(to_hex(first.view()), to_hex(Bytes(32, 0)));  // NOLINT: that is what is tested
  EXPECT_EQ(to_hex(second.view()), to_hex(Bytes(32, 7)));

  alignas(Secret) unsigned char memory[sizeof(Secret)];
  Secret* placed = new (memory) Secret(Bytes(32, 7));
  placed->~Secret();
  EXPECT_EQ(to_hex(ByteView(memory, sizeof memory)), to_hex(Bytes(32, 0)));
}

TEST(Secret, RandomOnesDiffer) { EXPECT_NE(to_hex(Secret::random().view()), to_hex(Secret::random().view())); }

TEST(Wipe, WipesAtTheEndOfAScope) {
  Bytes buffer(16, 9);
  { const WipeAtExit wiper(buffer); }
  EXPECT_EQ(buffer, Bytes(16, 0));
}

}  // namespace
}  // namespace osler::vault
