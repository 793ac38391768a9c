// Reading settings from a table instead of the process's environment.
#pragma once

#include <map>
#include <string>

#include "app/config.h"

namespace osler::app {

using Settings = std::map<std::string, std::string>;

inline Environment environment_of(Settings settings) {
  return [settings = std::move(settings)](const std::string& name) -> std::optional<std::string> {
    const auto entry = settings.find(name);
    return entry == settings.end() ? std::nullopt : std::optional(entry->second);
  };
}

inline Result<Config> config_of(const Settings& environment, const Settings& dot_env = {}) {
  return read_config(environment_of(environment), dot_env);
}

}  // namespace osler::app
