// A file or a tree of files, de-identified into a new folder, and the report about it.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/files.h"
#include "base/json.h"
#include "imaging/deidentifier.h"

namespace osler::app {

struct DeidentifiedTree {
  std::size_t files = 0, deidentified = 0, not_dicom = 0, links = 0, blanked = 0;
  std::size_t patients = 0, studies = 0, series = 0;
  std::map<std::string, std::size_t> refusals;  // by reason
  std::map<std::string, std::size_t> notes;
  std::vector<Json> mapping;                    // a line each file, if asked for: paths and original names

  std::size_t refused() const;
};

/// Says how many of how many files are done; called by one thread at a time.
using TreeProgress = std::function<void(std::size_t done, std::size_t total)>;

/// Every regular file at or below `in` (links are not followed) to `out`/<patient>/<study>/<series>/<instance>.dcm, all by their new names: names of
/// folders and files may be names of patients. `out` must not exist or be empty; nothing is overwritten, and a file appears whole or not at all. A file that is
/// refused is counted and the others go on. ErrorCode::not_found, conflict, unavailable (also: the disk).
Result<DeidentifiedTree> deidentify_tree(FileSystem& files, const imaging::Deidentifier& deidentifier, ByteView key, const imaging::DeidentificationOptions& options,
                                         const std::string& in, const std::string& out, const TreeProgress& progress);

/// What was done, without a word from the files: no path, no name, no date of theirs.
Json deidentification_report(const DeidentifiedTree& tree, const imaging::DeidentificationOptions& options, const std::string& date);
/// The same for people, in Markdown.
std::string deidentification_report_text(const Json& report);

}  // namespace osler::app
