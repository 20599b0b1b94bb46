# Writes OUT, a C file that holds the SQL FILES of FOLDER ("part/0001_name.sql", sorted) as tables, one a part.
# Refuses what would fail only later: a gap in the numbers, a wrong name, a table that is not strict.

set (parts)
foreach (file IN LISTS FILES)
    if (NOT file MATCHES "^([a-z]+)/([0-9][0-9][0-9][0-9])_([a-z0-9_]+)\\.sql$")
        message (FATAL_ERROR "db/${file}: a migration is named PART/NNNN_words.sql, in lower case")
    endif ()
    set (part ${CMAKE_MATCH_1})
    string (REGEX REPLACE "^0+" "" number ${CMAKE_MATCH_2})
    list (APPEND parts ${part})
    math (EXPR count_${part} "${count_${part}} + 1")
    if (NOT number EQUAL count_${part})
        message (FATAL_ERROR "db/${file}: the next number of ${part} is ${count_${part}}")
    endif ()

    file (READ ${FOLDER}/${file} sql)
    string (REGEX REPLACE "--[^\n]*" "" plain "${sql}")
    string (TOLOWER "${plain}" plain)
    string (REGEX MATCHALL "create table" tables "${plain}")
    string (REGEX MATCHALL "/\\*strict" stricts "${plain}")
    list (LENGTH tables tables)
    list (LENGTH stricts stricts)
    if (NOT tables EQUAL stricts)
        message (FATAL_ERROR "db/${file}: every create table ends with /*strict*/ (see db/README.md)")
    endif ()

    string (REPLACE "\\" "\\\\" sql "${sql}")
    string (REPLACE "\"" "\\\"" sql "${sql}")
    string (REPLACE "\n" "\\n\"\n     \"" sql "${sql}")
    get_filename_component (name ${file} NAME)
    string (APPEND rows_${part} "    {\"${name}\",\n     \"${sql}\"},\n")
endforeach ()
list (REMOVE_DUPLICATES parts)

set (text "/* Made by db/embed.cmake out of db's SQL files. */\n\n#include \"db/migrations.h\"\n\n#include <string.h>\n\n")
set (table "")
foreach (part IN LISTS parts)
    string (APPEND text "static const migration_t ${part}[] = {\n${rows_${part}}};\n\n")
    string (APPEND table "    {\"${part}\", ${part}, ${count_${part}}},\n")
endforeach ()
string (APPEND text "static const struct {
    const char *part;
    const migration_t *list;
    size_t count;
} parts[] = {
${table}    {NULL, NULL, 0},
};

const migration_t *migrations_of (const char *part, size_t *count)
{
    size_t i = 0;
    while (parts[i].part && strcmp (parts[i].part, part) != 0)
        i++;
    *count = parts[i].count;
    return parts[i].list;
}

const char *migrations_part (size_t index)
{
    return index < sizeof (parts) / sizeof (parts[0]) ? parts[index].part : NULL;
}
")
file (WRITE ${OUT} "${text}")
