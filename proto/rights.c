/* rights.c - see rights.h. */

#include "proto/rights.h"

#include "common/base/buffer.h"

static fault_t refuse (turn_t *turn, role_t least, const char *where)
{
    return turn_fail (turn, FORBIDDEN, "only %s %s%s may do that", least == ROLE_ADMIN ? "an" : "a",
                      role_name (least), where);
}

static bool is_person (const caller_t *caller)
{
    return role_rank (caller->role) > 0;
}

fault_t rights_check (turn_t *turn, const right_t *right, bool *depends)
{
    const caller_t *caller = &turn->caller;
    bool signed_in = is_person (caller), anybody = right->publicly && caller->role == ROLE_NOBODY;
    *depends = false;
    if (caller->role == ROLE_SERVICE || (right->others & (1u << caller->role)))
        return OK;
    switch (right->of) {
    case RIGHT_SERVICES: return turn_fail (turn, FORBIDDEN, "this is for services");
    case RIGHT_SIGNED_IN: return signed_in ? OK : refuse (turn, ROLE_MEMBER, "");
    case RIGHT_LIST: return signed_in || anybody ? OK : refuse (turn, ROLE_VIEWER, "");
    case RIGHT_INSTANCE:
        return caller_may_everywhere (caller, right->least) ? OK : refuse (turn, right->least, "");
    default: break;
    }
    if (caller_may_everywhere (caller, right->least))
        return OK;
    bool somewhere = signed_in && role_rank (caller_best (caller)) >= role_rank (right->least);
    *depends = somewhere || (right->publicly && (signed_in || anybody));
    return *depends ? OK : refuse (turn, right->least, " of its project");
}

static fault_t decide (turn_t *turn, const rights_place_t *place, role_t least, bool publicly)
{
    const caller_t *caller = &turn->caller;
    if (caller_may (caller, place->project, publicly && place->is_public, least))
        return OK;
    return caller_may (caller, place->project, place->is_public, ROLE_VIEWER)
               ? refuse (turn, least, " of its project")
               : NOT_FOUND;
}

fault_t rights_there (turn_t *turn, const right_t *right, const rights_place_t *place, const char *what,
                      const char *name)
{
    fault_t fault = decide (turn, place, right->least, right->publicly);
    return fault == NOT_FOUND ? turn_fail (turn, NOT_FOUND, "there is no %s %s", what, name) : fault;
}

fault_t rights_in_project (turn_t *turn, const rights_place_t *place, role_t least, const char *what,
                           const char *name)
{
    fault_t fault = decide (turn, place, least, false);
    return fault == NOT_FOUND ? turn_fail (turn, NOT_FOUND, "there is no %s %s", what, name) : fault;
}

static const right_t for_services = {.of = RIGHT_SERVICES};

const right_t *rights_row (const right_t table[RIGHT_MESSAGES], uint16_t ask_number)
{
    return ask_number < RIGHT_MESSAGES ? &table[ask_number] : &for_services;
}

fault_t rights_of_services (void *service, turn_t *turn, uint16_t ask_number, const void *ask)
{
    bool depends;
    (void) service, (void) ask_number, (void) ask;
    return rights_check (turn, &for_services, &depends);
}

const char *rights_named (const right_t *right, const void *ask)
{
    const char *name = *(const char *const *) ((const char *) ask + right->field);
    return name ? name : "";
}

const char *rights_scope (turn_t *turn)
{
    const caller_t *caller = &turn->caller;
    if (caller_may_everywhere (caller, ROLE_VIEWER))
        return NULL;
    granted_role_t grant;
    const char *at = caller->grants;
    buffer_t *ids = buffer_new (GRANTS_TEXT);
    buffer_putc (ids, '|');
    while (role_rank (caller->role) > 0 && grants_next (&at, &grant))
        buffer_printf (ids, "%.*s|", grant.size, grant.project);
    const char *scope = arena_copy (turn->arena, buffer_text (ids), buffer_size (ids));
    buffer_destroy (&ids);
    return scope;
}
