# meterveil_module(NAME SIDE left|neutral|right [DEPENDS modules...] [LINK targets...])
#
# One static library meterveil_NAME (alias meterveil::NAME) from src/NAME/**.cpp.
# The wall: a target on the right may never link one on the left; a neutral one may link neither.
function(meterveil_module name)
  cmake_parse_arguments(arg "" "SIDE" "DEPENDS;LINK" ${ARGN})
  if(NOT arg_SIDE MATCHES "^(left|neutral|right)$")
    message(FATAL_ERROR "${name}: SIDE must be left, neutral or right")
  endif()
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp)
  add_library(meterveil_${name} STATIC ${sources})
  add_library(meterveil::${name} ALIAS meterveil_${name})
  set_property(TARGET meterveil_${name} PROPERTY METERVEIL_SIDE ${arg_SIDE})
  target_include_directories(meterveil_${name} PUBLIC ${PROJECT_SOURCE_DIR}/include PRIVATE ${PROJECT_SOURCE_DIR}/src)
  meterveil_flags(meterveil_${name})
  foreach(dependency ${arg_DEPENDS})
    get_property(other TARGET meterveil_${dependency} PROPERTY METERVEIL_SIDE)
    if(NOT other STREQUAL "neutral" AND NOT other STREQUAL arg_SIDE)
      message(FATAL_ERROR "the wall: ${name} (${arg_SIDE}) must not link ${dependency} (${other})")
    endif()
    target_link_libraries(meterveil_${name} PUBLIC meterveil::${dependency})
  endforeach()
  target_link_libraries(meterveil_${name} PRIVATE ${arg_LINK})
endfunction()

# Warnings are errors on our own targets; arithmetic is the same everywhere.
# gcc 12 warns of -Wrestrict inside std::string operator+ where there is nothing (gcc bug 105651).
function(meterveil_flags target)
  target_compile_options(${target} PRIVATE -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Werror -Wno-restrict -ffp-contract=off
                                           -ffile-prefix-map=${PROJECT_SOURCE_DIR}/=)
  if(METERVEIL_SANITIZE)
    target_compile_options(${target} PRIVATE -fsanitize=${METERVEIL_SANITIZE} -fno-omit-frame-pointer)
    target_link_options(${target} PUBLIC -fsanitize=${METERVEIL_SANITIZE})
  endif()
  if(METERVEIL_COVERAGE)
    target_compile_options(${target} PRIVATE --coverage)
    target_link_options(${target} PUBLIC --coverage)
  endif()
endfunction()
