# The floors of the house. A folder of src/ is one library; its link list is what it may include.
# Headers are reached through a per-library include root that holds one symbolic link, so that
# `#include "vault/keys.h"` compiles only in a library that links osler_vault.

add_library(osler_pch_source STATIC ${CMAKE_CURRENT_LIST_DIR}/pch.cc)
target_link_libraries(osler_pch_source PRIVATE osler_options)
target_precompile_headers(osler_pch_source PRIVATE ${CMAKE_CURRENT_LIST_DIR}/pch.h)

# osler_library(<folder> SOURCES <files> LINKS <libraries> [PRIVATE_LINKS <libraries>])
function(osler_library folder)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINKS;PRIVATE_LINKS" ${ARGN})
  set(target osler_${folder})
  set(root ${CMAKE_BINARY_DIR}/include/${folder})
  file(MAKE_DIRECTORY ${root})
  file(CREATE_LINK ${CMAKE_CURRENT_SOURCE_DIR} ${root}/${folder} SYMBOLIC)
  add_library(${target} STATIC ${ARG_SOURCES})
  target_include_directories(${target} PUBLIC ${root})
  target_link_libraries(${target} PUBLIC ${ARG_LINKS} PRIVATE osler_options ${ARG_PRIVATE_LINKS})
  target_precompile_headers(${target} REUSE_FROM osler_pch_source)
endfunction()
