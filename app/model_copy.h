// A fitted model directory: the files of another, what was fitted, cards and a manifest.
#pragma once

#include <map>
#include <string>

#include "base/files.h"
#include "base/json.h"
#include "base/result.h"

namespace osler::app {

struct ModelCopy {
  std::string from, out;                     // folders
  std::string name, kind;                    // of the manifest
  std::string card{};                        // Markdown for people, copied as card.md; may be empty
  std::map<std::string, std::string> made{}; // further files: name -> bytes
  Json card_facts = Json::object();          // card.json, with "training" from the model's training.json added
};

/// Before the work begins. ErrorCode::invalid without a population, conflict when the folder exists: a model directory is immutable; not_found when the card,
/// which may be empty, cannot be read.
Result<void> check_copy(FileSystem& files, const std::string& population, const std::string& card, const std::string& out);

/// What `from` holds goes along, but for what is made anew here, hidden files, folders and weights in other formats. The version is the folder's name.
Result<void> write_model_copy(FileSystem& files, const ModelCopy& copy);

}  // namespace osler::app
