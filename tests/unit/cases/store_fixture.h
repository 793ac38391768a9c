// A store in a folder of its own.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>

#include "base/ids.h"
#include "cases/sqlite/sqlite_store.h"

namespace osler::cases {

class StoreTest : public testing::Test {
 protected:
  void SetUp() override { std::filesystem::create_directories(folder_); }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  Result<std::unique_ptr<Store>> open() { return open_sqlite_store(*files_, keys_, {path_, ""}); }
  Result<std::unique_ptr<Store>> open_with(const vault::KeyRing& keys) { return open_sqlite_store(*files_, keys, {path_, ""}); }

  SealedRecord record(const std::string& id, const std::string& payload = "{\"a\":1}") {
    const RecordDraft draft{id, vault::Phi<std::string>("patient of " + id), WallTime(std::chrono::milliseconds(1000)), "network-1",
                            vault::Phi<std::string>(payload)};
    return seal_record(keys_, draft).value();
  }
  static Result<void> put(Store& store, const std::vector<SealedRecord>& records) { return store.put(records); }

  const std::string folder_ = testing::TempDir() + "osler-cases-" + make_uuid();
  const std::string path_ = folder_ + "/data/osler.db";
  const std::unique_ptr<FileSystem> files_ = make_file_system();
  const vault::KeyRing keys_ = vault::KeyRing::of(vault::Secret::random());
};

}  // namespace osler::cases
