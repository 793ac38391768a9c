#include "http/middleware/key_directory.h"

#include <gtest/gtest.h>

#include <set>

#include "http/middleware/key_text.h"

namespace osler::http {
namespace {

using std::chrono::hours;

constexpr std::string_view kSecret = "the store's own";
Digest digest_of(std::string_view key) { return hmac_sha256(as_bytes(kSecret), as_bytes(key)); }

constexpr WallTime kNow{hours(1000)};

cases::StoredApiKey stored(const KeyText& key, std::string name, std::string role = "clinician", std::optional<WallTime> expires = {}) {
  cases::StoredApiKey entry{.name = std::move(name), .role = std::move(role), .prefix = key.prefix, .digest = {}, .created = kNow - hours(1), .expires = expires, .revoked = {}};
  entry.digest = digest_of(key_statement(key.text, entry));
  return entry;
}

TEST(KeyText, HasItsForm) {
  std::set<std::string> seen;
  for (int i = 0; i < 100; ++i) {
    const KeyText key = make_key_text();
    EXPECT_EQ(key.text.size(), 58u);
    EXPECT_EQ(key.text.substr(0, 15), "osler_" + key.prefix + "_");
    EXPECT_EQ(key_prefix(key.text), key.prefix);
    EXPECT_EQ(from_base64url(key.text.substr(15))->size(), 32u);
    seen.insert(key.text);
  }
  EXPECT_EQ(seen.size(), 100u);
}

TEST(KeyText, OtherTextsAreNoKeys) {
  const std::string key = make_key_text().text;
  for (const std::string& text : {std::string(), key.substr(1), key + "x", "Osler" + key.substr(5), key.substr(0, 57) + "=", std::string("osler_1234567g") + key.substr(14), key.substr(0, 14) + "-" + key.substr(15)})
    EXPECT_FALSE(key_prefix(text)) << text;
}

TEST(HeldKeys, FindTheOwner) {
  const KeyText one = make_key_text(), two = make_key_text();
  HeldKeys keys(digest_of);
  EXPECT_FALSE(keys.find(one.text, kNow));
  keys.replace({stored(one, "ward-3"), stored(two, "office", "auditor")});
  ASSERT_TRUE(keys.find(one.text, kNow));
  EXPECT_EQ(keys.find(one.text, kNow)->name, "ward-3");
  EXPECT_EQ(keys.find(two.text, kNow)->role, Role::auditor);
  EXPECT_FALSE(keys.find(make_key_text().text, kNow));
  EXPECT_FALSE(keys.find(one.text.substr(0, 15) + two.text.substr(15), kNow));  // one's prefix, the other's secret
  EXPECT_FALSE(keys.find("", kNow));
}

TEST(HeldKeys, ExpiryAndRevocationEndAKey) {
  const KeyText key = make_key_text();
  HeldKeys keys(digest_of);
  keys.replace({stored(key, "ward-3", "clinician", kNow)});
  EXPECT_TRUE(keys.find(key.text, kNow - std::chrono::milliseconds(1)));
  EXPECT_FALSE(keys.find(key.text, kNow));
  cases::StoredApiKey entry = stored(key, "ward-3");
  entry.revoked = kNow;
  keys.replace({entry});
  EXPECT_FALSE(keys.find(key.text, kNow - hours(1)));
  keys.replace({});
  EXPECT_FALSE(keys.find(key.text, kNow));
}

TEST(HeldKeys, ARowThatGivesMoreThanItsKeyWasMadeForOpensNothing) {
  const KeyText key = make_key_text(), other = make_key_text();
  HeldKeys keys(digest_of);
  const cases::StoredApiKey made = stored(key, "office", "auditor", kNow);
  std::vector<cases::StoredApiKey> changed(4, made);
  changed[0].role = "admin";
  changed[1].name = "dr-house";
  changed[2].expires = kNow + hours(1);
  changed[3].expires.reset();
  for (const cases::StoredApiKey& row : changed) {
    keys.replace({row});
    EXPECT_FALSE(keys.find(key.text, kNow - hours(1))) << row.name << " " << row.role;
  }
  keys.replace({made});
  EXPECT_TRUE(keys.find(key.text, kNow - hours(1)));
  EXPECT_FALSE(keys.find(other.text, kNow - hours(1)));
}

TEST(HeldKeys, ARoleOfALaterVersionOpensNothing) {
  const KeyText key = make_key_text();
  HeldKeys keys(digest_of);
  keys.replace({stored(key, "x", "superuser")});
  EXPECT_FALSE(keys.find(key.text, kNow));
}

}  // namespace
}  // namespace osler::http
