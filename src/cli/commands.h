/* SPDX-License-Identifier: MIT
 *
 * commands.h — private to the program: one declaration for each sub-command.
 */
#ifndef REPHRASE_CLI_COMMANDS_H
#define REPHRASE_CLI_COMMANDS_H

#include "cli.h"

extern const rp_command rp_command_train, rp_command_compare, rp_command_report, rp_command_eval, rp_command_sample,
    rp_command_chat, rp_command_info, rp_command_convert, rp_command_verify, rp_command_task, rp_command_tokenize,
    rp_command_oracle, rp_command_explain, rp_command_options;
/* Ends with NULL; the order of --help. */
extern const rp_command *const rp_commands[];

#endif
