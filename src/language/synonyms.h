// Words that mean the same in a complaint: belly and abdomen, ache and pain. One key stands for all words of a group.
#pragma once

#include <string>
#include <string_view>

namespace osler::language {

/// The key of the first word of the group that has `key` (stem.h), or `key` itself. Only words that are alike wherever a
/// symptom is told are grouped; a text's own word still decides between two phrases that differ in such a word alone.
/// Thread-safe.
const std::string& common_key(const std::string& key);

}  // namespace osler::language
