// The second use-case over the real decoder, a real SQLite store and a real audit log: service/films.h and service/film_service.h ("service/interaction.h").
#include "service/film_service.h"

#include <filesystem>
#include <future>

#include "base/ids.h"
#include "cases/sqlite/sqlite_store.h"
#include "film_world.h"
#include "../vault/fixed_keys.h"
#include "vault/key_file.h"

namespace osler::service {

class FilmUseCase : public testing::Test {
 protected:
  FilmUseCase() {
    store_ = cases::open_sqlite_store(*files_, *keys_->ring(), {.path = folder_.at("store.sqlite"), .vfs = ""}).value();
    audit_keys_ = std::make_unique<audit::Keys>(vault::load_or_create_audit_secrets(*files_, folder_.at("secrets"), *keys_->ring()).value());
    log_ = audit::Log::open(*files_, clock_, *audit_keys_, {.folder = folder_.at("audit"), .witness = ""}).value();
    recorder_ = std::make_unique<Recorder>(*store_, *log_, *keys_);
    start(&world_.reader());
  }
  ~FilmUseCase() override { recorder_->stop(); }

  void start(const FilmReader* reader, bool keep_films = false) {
    service_ = make_film_service({decoder_, reader, reader ? "" : "No image model is installed on this server.", *keys_, names_, *recorder_, clock_, keep_films});
  }

  Result<FilmAnswer> ask(const FilmUpload& upload, const FilmOptions& options = {}) {
    std::promise<Result<FilmAnswer>> promise;
    request_id_ = make_uuid();
    service_->predict(upload, {request_id_, "tester", "clinician", "127.0.0.1", false, {}}, options, [&](Result<FilmAnswer> answer) { promise.set_value(std::move(answer)); });
    return promise.get_future().get();
  }

  Json payload_of(const std::string& id) { return parse_json(cases::open_record(*keys_->ring(), *store_->get(id))->reveal_phi()).value(); }

  models::TemporaryFolder folder_;
  FilmWorld world_;
  SystemClock clock_;
  std::string request_id_;
  std::unique_ptr<FileSystem> files_ = make_file_system();
  const std::unique_ptr<vault::KeySource> keys_ = vault::fixed_keys();
  const vault::Names names_ = vault::Names::random();
  std::unique_ptr<cases::Store> store_;
  std::unique_ptr<audit::Keys> audit_keys_;
  std::unique_ptr<audit::Log> log_;
  std::unique_ptr<Recorder> recorder_;
  imaging::FilmDecoder decoder_{OSLER_DECODER};
  std::unique_ptr<FilmService> service_;
  const std::string png_ = png_of(made_film(world_.random));
};

TEST_F(FilmUseCase, AnAnswerIsStoredSealedAndAuditedBeforeItIsGiven) {
  const auto answer = ask({png_, "Ada Canary", "4"}, {.frame = {}, .heat_map = true, .film = true});
  ASSERT_TRUE(answer) << describe(answer.error());
  const Json json = parse_json(answer->json).value();
  EXPECT_EQ(json["request_id"], request_id_);
  EXPECT_EQ(json["model_version"], "osler-cxr-1.fp32");
  EXPECT_EQ(json["film"]["source"], "png");
  EXPECT_TRUE(json.contains("heatmap") && json.contains("film_picture"));
  EXPECT_EQ(answer->statistics.diagnosis, json["diagnosis"]);
  EXPECT_EQ(log_->size(), 1u);
  const Json payload = payload_of(request_id_);
  EXPECT_EQ(payload["film"]["bytes"], png_.size());
  EXPECT_EQ(payload["film"]["age_years"], "4");
  EXPECT_EQ(payload["answer"]["diagnosis"], json["diagnosis"]);
  EXPECT_FALSE(payload["answer"].contains("film_picture"));  // a picture of the patient is kept only where that is configured
  EXPECT_EQ(store_->count().value(), 1u);
}

TEST_F(FilmUseCase, FilmsAreKeptOnlyWhereConfigured) {
  start(world_.made.get(), true);
  ASSERT_TRUE(ask({png_, "", ""}));
  EXPECT_EQ(store_->count().value(), 2u);
  const std::string film_id = payload_of(request_id_)["film"]["record"];
  const auto film = cases::open_record(*keys_->ring(), *store_->get(film_id));
  ASSERT_TRUE(film);
  EXPECT_EQ(film->reveal_phi(), png_);
}

TEST_F(FilmUseCase, NothingOnDiskHoldsThePatientOrTheFilm) {
  start(world_.made.get(), true);
  ASSERT_TRUE(ask({png_, "Ada Canary", "4"}));
  recorder_->stop();
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder_.path())) {
    if (!entry.is_regular_file()) continue;
    const Bytes bytes = files_->read(entry.path().string(), 1 << 28).value();
    EXPECT_EQ(as_text(bytes).find("Canary"), std::string_view::npos) << entry.path();
    EXPECT_EQ(as_text(bytes).find(png_.substr(100, 64)), std::string_view::npos) << entry.path();
  }
}

TEST_F(FilmUseCase, WhatIsNoFilmIsRefusedAndAudited) {
  for (const auto& [upload, code] : std::vector<std::pair<FilmUpload, ErrorCode>>{
           {{"GIF89a", "", ""}, ErrorCode::unsupported_media},
           {{std::string_view(png_).substr(0, png_.size() / 2), "", ""}, ErrorCode::malformed},
           {{png_, "", "four"}, ErrorCode::invalid},
           {{png_, "", "151"}, ErrorCode::invalid},
           {{png_, "", "nan"}, ErrorCode::invalid},
           {{png_, "01234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567x", ""},
            ErrorCode::invalid}}) {
    const std::uint64_t before = log_->size();
    const auto answer = ask(upload);
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().code, code) << describe(answer.error());
    EXPECT_EQ(log_->size(), before + 1);
  }
  EXPECT_EQ(store_->count().value(), 0u);
}

TEST_F(FilmUseCase, WithoutAModelEveryFilmGetsTheReason) {
  start(nullptr);
  const auto answer = ask({png_, "", ""});
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, ErrorCode::unavailable);
  EXPECT_NE(answer.error().external.find("No image model"), std::string::npos);
  EXPECT_FALSE(service_->readiness().first);
}

TEST_F(FilmUseCase, WhatCannotBeAuditedIsNotAnswered) {
  recorder_->stop();
  const auto answer = ask({png_, "", ""});
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, ErrorCode::unavailable);
}

}  // namespace osler::service
