// A model directory on disk: models/<name>/<version>/ with manifest.json, calibration.json and cards. Immutable;
// docs/formats/model_directory.md is the format. A hash that does not match is a refusal.
#pragma once

#include <map>
#include <string>

#include "base/files.h"
#include "base/json.h"
#include "base/result.h"
#include "models/calibration.h"

namespace osler::models {

struct ModelManifest {
  std::string name;            // "osler-network"
  std::string version;         // "1"
  std::string kind;            // "network"
  std::map<std::string, std::string> files;  // name -> SHA-256, lower-case hex
  std::string hash{};          // of manifest.json, and by it of every file it names: what the directory is known by. Lower-case hex
};

struct NetworkModel {
  ModelManifest manifest;
  reasoning::NetworkParameters parameters;
  reasoning::CalibrationRecord calibration;
  std::string folder{};
};

/// Reads the manifest and checks the hash of every file that it names; a file beside them that it does not name is a
/// fault too. ErrorCode::corrupted or not_found.
Result<ModelManifest> open_model_directory(FileSystem& files, const std::string& folder);

/// A directory of kind "network" with its parameters and calibration.
Result<NetworkModel> load_network_model(FileSystem& files, const std::string& folder);

/// The refusal of a model directory: ErrorCode::corrupted, with the folder and what is wrong.
Error model_refused(const std::string& folder, const std::string& what);

/// A JSON file of a model directory, at most 1 MiB. ErrorCode::corrupted.
Result<Json> read_model_json(FileSystem& files, const std::string& folder, const std::string& name);

}  // namespace osler::models
