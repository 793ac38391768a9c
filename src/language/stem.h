// Light stemming: inflections and British/American spelling, nothing that changes the meaning.
#pragma once

#include <string>
#include <string_view>

namespace osler::language {

/// The key under which all inflections of a word meet: coughs, coughed, coughing -> cough; haemoptysis, hemoptysis
/// -> hemoptysis; lost, loss, losing -> los. `word` is normalised (normalise.h). A key is not a word and is never shown.
/// Rules in order (docs/language.md): irregular forms; possessive; plural; -ing and -ed; doubled last
/// consonant; final e; ae/oe -> e; -our -> -or; -iz -> -is; -yz -> -ys.
std::string stem(std::string_view word);

}  // namespace osler::language
