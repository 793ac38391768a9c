# Compiler settings shared by every target.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release)
endif()
# Asserting on broken invariants is CHECK's work, which stays on in release.
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -DNDEBUG")

find_program(OSLER_CCACHE ccache)
if(OSLER_CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime ${OSLER_CCACHE})
endif()

add_library(osler_options INTERFACE)
target_compile_options(osler_options INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Wold-style-cast -Wconversion -Wno-sign-conversion -Werror
  -fno-omit-frame-pointer -fstack-protector-strong)
find_package(Threads REQUIRED)
target_link_libraries(osler_options INTERFACE Threads::Threads)  # everywhere, so that one precompiled header fits all
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # g++ 12 sees overruns in inlined std::string code that are not there (GCC bugs 105329, 105651).
  target_compile_options(osler_options INTERFACE -fpch-preprocess
    -Wno-array-bounds -Wno-restrict -Wno-stringop-overflow -Wno-stringop-overread)
endif()
target_compile_definitions(osler_options INTERFACE $<$<CONFIG:Release>:_FORTIFY_SOURCE=2>)

set(OSLER_SANITIZE "" CACHE STRING "address,undefined or thread")
if(OSLER_SANITIZE)
  add_compile_options(-fsanitize=${OSLER_SANITIZE} -fno-sanitize-recover=all)
  # Boost.Asio has fences, which ThreadSanitizer does not model.
  if(OSLER_SANITIZE STREQUAL "thread")
    add_compile_options(-Wno-tsan)
  endif()
  add_link_options(-fsanitize=${OSLER_SANITIZE})
endif()
