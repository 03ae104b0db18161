/* SPDX-License-Identifier: MIT
 *
 * commands.c — the table of sub-commands, in the order of --help.
 */
#include "commands.h"

const rp_command *const rp_commands[] = {
    &rp_command_train,    &rp_command_compare, &rp_command_report,  &rp_command_eval,    &rp_command_sample,
    &rp_command_chat,     &rp_command_info,    &rp_command_convert, &rp_command_verify,  &rp_command_task,
    &rp_command_tokenize, &rp_command_oracle,  &rp_command_explain, &rp_command_options, NULL,
};
