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
inline constexpr std::size_t kMaxUnparsedBytes = 128 * 1024;  // of a connection that mean nothing yet: the head of a chunk, trailers
inline constexpr std::size_t kMaxFormParts = 16;
inline constexpr std::size_t kMaxFormPartHeaderBytes = 8 * 1024;
inline constexpr std::size_t kMaxConnections = 1024;
inline constexpr std::size_t kMaxQueuedRequests = 256;
inline constexpr std::size_t kMaxRateLimitClients = 100'000;
inline constexpr std::size_t kMaxDrainedBytes = 4 * kMaxBodyBytes;  // read and dropped of a refused body
inline constexpr std::size_t kMaxStaticFileBytes = 4 * 1024 * 1024;
inline constexpr std::size_t kMaxStaticFiles = 1000;
inline constexpr std::chrono::seconds kHeaderTimeout{10};
inline constexpr std::chrono::seconds kBodyTimeout{30};
inline constexpr std::chrono::seconds kIdleTimeout{60};

// Who may ask
inline constexpr std::size_t kMaxFailedLogins = 10;              // of an address, or for a key's prefix, at once; then one each
inline constexpr std::chrono::seconds kFailedLoginInterval{30};
inline constexpr std::size_t kMaxFailedLoginNames = 100'000;     // addresses and prefixes that are remembered
inline constexpr std::size_t kMaxTokenBytes = 8 * 1024;          // a JSON Web Token
inline constexpr std::size_t kMaxKeySetBytes = 256 * 1024;       // a JSON Web Key Set
inline constexpr std::size_t kMaxKeySetKeys = 64;
inline constexpr std::size_t kMinTokenKeyBits = 2048, kMaxTokenKeyBits = 8192;  // RSA
inline constexpr std::size_t kMaxKeyIdBytes = 256;
inline constexpr std::size_t kMaxUserNameCharacters = 128;       // that a token gives
inline constexpr std::size_t kMaxStoredApiKeys = 10'000;
inline constexpr std::size_t kMinBreakGlassCharacters = 10, kMaxBreakGlassCharacters = 500;
inline constexpr std::chrono::milliseconds kSharedRateLimitPatience{50};
inline constexpr std::size_t kMaxSharedRateLimitQueue = 4096;
inline constexpr std::size_t kMaxRateLimitReplyBytes = 16 * 1024;

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

// Batches
inline constexpr std::size_t kMaxBatchBytes = std::size_t{2} << 30;       // of an upload
inline constexpr std::size_t kMaxBatchCases = 1'000'000;                  // rows, refused ones too
inline constexpr std::size_t kMaxBatchRowBytes = kMaxBodyBytes;
inline constexpr std::size_t kMaxBatchColumns = 512;
inline constexpr std::size_t kMaxBatchUploads = 8;                        // at once, of a server
inline constexpr std::chrono::hours kBatchUploadTimeout{2};
inline constexpr std::size_t kMaxBatchesListed = 1000;
inline constexpr std::size_t kMaxBatchPageLines = 1000;                   // of results
inline constexpr std::size_t kMaxBatchPageBytes = 8 * 1024 * 1024;        // no further line is added to a page above
inline constexpr std::size_t kMaxBatchThreads = 256;

// Stopping
inline constexpr int kMaxDrainSeconds = 60;

// Similar cases
inline constexpr std::size_t kMaxSimilarCases = 50;               // of one search
inline constexpr std::size_t kMaxCasesListed = 100;               // of one page
inline constexpr std::size_t kMaxOutcomeNoteCharacters = 500;
inline constexpr std::size_t kMaxReaderNameCharacters = 140;      // with whom a case is shared
inline constexpr std::chrono::milliseconds kSimilarCasesPatience{250};  // an answer does without them rather than wait longer

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
inline constexpr std::size_t kMaxFilmFileBytes = std::size_t{64} << 20;
inline constexpr std::size_t kMaxUploadBytes = kMaxFilmFileBytes + 64 * 1024;       // a film in its form
inline constexpr std::size_t kMaxUploadBytesAtOnce = std::size_t{256} << 20;        // of all that are being read or worked on
inline constexpr std::size_t kMaxWaitingUploads = 256;
inline constexpr std::size_t kMaxFrames = 100'000;
inline constexpr std::size_t kMaxFilmSide = 16'384;                       // pixels, each way
inline constexpr std::size_t kMinFilmSide = 128;                            // below, nothing of a lung is left
inline constexpr std::size_t kMaxFilmPixels = std::size_t{32} << 20;  // of a frame
inline constexpr double kMaxPixelAspect = 10;                             // and its inverse
inline constexpr std::size_t kMaxFileMetaBytes = 64 * 1024;
inline constexpr std::size_t kMaxInflatedFilmBytes = std::size_t{128} << 20;
inline constexpr std::size_t kMaxFilmTextCharacters = 64;                 // of an attribute: LO is the longest that is read
inline constexpr std::size_t kMaxFilmMessageCharacters = 500;             // of a warning or a refusal
inline constexpr std::size_t kMaxFilmWarnings = 32;
inline constexpr std::size_t kMaxDecoderMemoryBytes = std::size_t{512} << 20;
inline constexpr std::chrono::seconds kDecoderTimeout{5};                 // on the wall's clock and on the processor's
inline constexpr std::size_t kMaxSequenceDepth = 32;                      // of a data set that is de-identified
inline constexpr std::size_t kMaxPixelRegions = 16;                       // blanked in each frame
inline constexpr std::size_t kMaxDeidentifiedFileBytes = std::size_t{192} << 20;  // uncompressed to blank it, it grows
inline constexpr std::size_t kMaxFilmFeatures = 8192;                     // pooled by a network, each film
inline constexpr std::size_t kMaxOutlierComponents = 64;
inline constexpr std::size_t kMaxTableBytes = std::size_t{256} << 20;     // of films and their labels, for training

// An image network's config.json
inline constexpr std::size_t kMinImageSide = 224;      // pixels of a film as the network takes it
inline constexpr std::size_t kMaxImageSide = 512;
inline constexpr double kMinImageDeviation = 0.001;    // what grey of 0 to 1 is divided by
inline constexpr std::size_t kMaxImageHidden = 4096;   // of the dense layer before the classes
inline constexpr std::size_t kMaxImageLabels = 1000;
inline constexpr std::size_t kMaxImageLabelBytes = 100;

// Stores
inline constexpr std::size_t kMaxRecordBytes = kMaxFilmFileBytes;  // an upload that is kept; a request and its answer are far smaller
inline constexpr std::size_t kMaxAuditEntriesListed = 1000;           // of one page
inline constexpr std::size_t kMaxAccessesListed = 1000;               // of one patient
inline constexpr std::size_t kMaxAuditEntryBytes = 64 * 1024;
inline constexpr std::size_t kMaxVectorDimensions = 384;  // of a case among similar ones; the width of PostgreSQL's column
inline constexpr std::size_t kMaxProofBytes = 256 * 1024;  // of one audit entry: twice the largest entry, and two paths
inline constexpr std::size_t kMaxAccessEntriesWaiting = 64;  // of requests that no use-case audits; what is over is counted
inline constexpr std::size_t kMaxDenialsAtOnce = 500;         // entries of denied requests, and then
inline constexpr std::size_t kDenialsPerSecond = 20;

}  // namespace osler::limits
