// Every bound on what comes from outside. Each line has its test: those of a case in
// tests/unit/service/case_limits_test.cc, the others beside what they bound.
#pragma once

#include <chrono>
#include <cstddef>

namespace osler::limits {

// HTTP
inline constexpr std::size_t kMaxHeaderBytes = 16 * 1024;
inline constexpr std::size_t kMaxBodyBytes = 1024 * 1024;
inline constexpr std::size_t kMaxTargetBytes = 4096;
inline constexpr std::size_t kMaxConnections = 1024;
inline constexpr std::size_t kMaxQueuedRequests = 256;
inline constexpr std::size_t kMaxRateLimitClients = 100'000;
inline constexpr std::size_t kMaxDrainedBytes = 4 * kMaxBodyBytes;  // read and dropped of a refused body
inline constexpr std::size_t kMaxStaticFileBytes = 4 * 1024 * 1024;
inline constexpr std::size_t kMaxStaticFiles = 1000;
inline constexpr std::chrono::seconds kHeaderTimeout{10};
inline constexpr std::chrono::seconds kBodyTimeout{30};
inline constexpr std::chrono::seconds kIdleTimeout{60};

// JSON
inline constexpr std::size_t kMaxJsonDepth = 32;

// A case (requirements.md section 1)
inline constexpr double kMaxAgeYears = 150;
inline constexpr std::size_t kMaxSymptoms = 20;
inline constexpr std::size_t kMaxSymptomCharacters = 500;
inline constexpr std::size_t kMaxLabs = 200;
inline constexpr std::size_t kMaxListItems = 50;         // history, family history, absent findings
inline constexpr std::size_t kMaxListItemCharacters = 500;
inline constexpr std::size_t kMaxNarrativeCharacters = 20'000;
inline constexpr std::size_t kMaxPatientIdCharacters = 128;
inline constexpr std::size_t kMaxUnitCharacters = 32;
inline constexpr double kMaxDurationDays = 36'500;
inline constexpr double kMaxGestationWeeks = 45;
inline constexpr double kMaxVital = 1000;                // far outside anything living; closer limits are the knowledge base's
inline constexpr std::size_t kMaxUnknownFieldWarnings = 50;  // of one object; what is over is counted in one warning more

// Knowledge files
inline constexpr std::size_t kMaxKnowledgeFileBytes = 4 * 1024 * 1024;
inline constexpr std::size_t kMaxKnowledgeFiles = 5000;
inline constexpr int kMaxYamlDepth = 16;

// Model files (docs/formats/safetensors.md)
inline constexpr std::size_t kMaxModelFileBytes = std::size_t{4} << 30;
inline constexpr std::size_t kMaxSafetensorsHeaderBytes = 16 * 1024 * 1024;
inline constexpr std::size_t kMaxSafetensorsTensors = 100'000;
inline constexpr std::size_t kMaxTensorNameBytes = 256;
inline constexpr std::size_t kMaxTensorDimensions = 8;
inline constexpr std::size_t kMaxVocabularyBytes = 16 * 1024 * 1024;
inline constexpr std::size_t kMaxVocabularyLines = 1'000'000;

// A BERT's config.json. Products of bytes are summed in int32: 255 * 127 * 65,536 is just below 2^31.
inline constexpr std::size_t kMaxBertLayers = 96;
inline constexpr std::size_t kMaxBertHeads = 256;
inline constexpr std::size_t kMaxBertHidden = 16'384;
inline constexpr std::size_t kMaxBertIntermediate = 65'536;
inline constexpr std::size_t kMaxBertPositions = 8192;
inline constexpr std::size_t kMaxBertTokenTypes = 16;

// Films
inline constexpr std::size_t kMaxFilmFileBytes = std::size_t{128} << 20;  // of an upload
inline constexpr std::size_t kMaxFilmSide = 16'384;                       // pixels, each way
inline constexpr std::size_t kMaxFilmPixels = std::size_t{64} << 20;

// Stores
inline constexpr std::size_t kMaxRecordBytes = 4 * 1024 * 1024;
inline constexpr std::size_t kMaxAuditEntryBytes = 64 * 1024;

}  // namespace osler::limits
