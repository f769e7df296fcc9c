# Commands of Vivado that a script of this project may use, from UG835 (2022.1 to 2025.2).
# Options that README.md does not list as read there are from memory.
set check::common {{-quiet flag} {-verbose flag}}
check::define {
    version {options {{-short flag}} words {0 0}}
    create_project {options {{-part value} {-force flag} {-in_memory flag}} words {0 2}}
    open_project {options {{-read_only flag} {-part value}} words {1 1}}
    close_project {options {{-delete flag}} words {0 0}}
    current_project {options {} words {0 1}}
    current_fileset {options {{-constrset flag} {-simset flag} {-srcset flag}} words {0 1}}
    set_property {options {{-dict value} {-name value} {-value value} {-objects value}} words {1 3}}
    get_property {options {{-min flag} {-max flag}} words {2 2}}
    get_board_parts {options {{-latest_file_version flag} {-filter value} {-nocase flag}} words {0 9}}
    update_ip_catalog {options {{-rebuild flag} {-repo_path value}} words {0 0}}
    add_files {options {{-norecurse flag} {-fileset value} {-force flag} {-scan_for_includes flag}} words {1 1}}
    get_files {options {{-of_objects value} {-all flag} {-filter value}} words {0 9}}
    update_compile_order {options {{-fileset value} {-force_gui flag}} words {0 0}}
    create_bd_design {options {{-dir value}} words {1 1}}
    create_bd_cell {
        options {{-vlnv value} {-type {ip hier module container}} {-reference value} {-revision number}}
        words {1 1}
    }
    apply_bd_automation {options {{-rule value} {-config value}} words {1 1}}
    get_bd_cells {options {{-hierarchical flag} {-filter value}} words {0 9}}
    get_bd_pins {options {{-hierarchical flag} {-filter value} {-of_objects value}} words {0 9}}
    get_bd_intf_pins {options {{-hierarchical flag} {-filter value} {-of_objects value}} words {0 9}}
    get_bd_intf_nets {options {{-hierarchical flag} {-filter value} {-of_objects value}} words {0 9}}
    connect_bd_net {options {{-net value} {-boundary_type {upper lower both}}} words {1 99}}
    connect_bd_intf_net {options {{-intf_net value} {-boundary_type {upper lower both}}} words {2 2}}
    get_bd_addr_spaces {options {{-filter value} {-of_objects value}} words {0 9}}
    get_bd_addr_segs {options {{-filter value} {-of_objects value} {-excluded flag}} words {0 9}}
    assign_bd_address {
        options {{-target_address_space value} {-offset value} {-range value} {-force flag}}
        words {0 1}
    }
    exclude_bd_addr_seg {options {{-target_address_space value}} words {1 1}}
    validate_bd_design {options {{-force flag} {-design value} {-include_pfm flag}} words {0 0}}
    save_bd_design {options {} words {0 1}}
    make_wrapper {
        options {{-files value} {-top flag} {-testbench flag} {-fileset value} {-import flag} {-force flag}}
        words {0 1}
    }
    get_runs {options {{-filter value}} words {0 9}}
    launch_runs {
        options {{-jobs number} {-scripts_only flag} {-to_step value} {-next_step flag} {-force flag} {-dir value}}
        words {1 9}
    }
    reset_run {options {{-from_step value} {-prev_step flag}} words {1 1}}
    open_run {options {{-name value}} words {1 1}}
    report_utilization {
        options {{-file new_file} {-hierarchical flag} {-hierarchical_depth number} {-cells value} {-append flag}}
        words {0 0}
    }
    report_timing_summary {
        options {
            {-file new_file} {-max_paths number} {-nworst number} {-delay_type {max min min_max}}
            {-report_unconstrained flag} {-warn_on_violation flag} {-no_detailed_paths flag}
        }
        words {0 0}
    }
}
# the name that a wait has: UG835 has wait_on_runs from 2022.2
if {$check::generation eq "2022.1"} {
    check::define {wait_on_run {options {{-timeout number}} words {1 1}}}
} else {
    check::define {
        wait_on_runs {
            options {{-timeout number} {-exit_condition {ALL ANY_ONE ANY_ONE_MET_TIMING}}}
            words {1 9}
        }
    }
}
