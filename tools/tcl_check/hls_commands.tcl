# Commands of Vitis HLS that a script of this project may use, from UG1399 (2022.1 to 2025.2).
# Options that README.md does not list as read there are from memory.
check::define {
    open_project {options {{-reset flag} {-upgrade flag}} words {1 1}}
    close_project {options {} words {0 0}}
    open_solution {options {{-reset flag} {-flow_target {vivado vitis}}} words {1 1}}
    close_solution {options {} words {0 0}}
    set_top {options {} words {1 1}}
    add_files {options {{-tb flag} {-cflags value} {-csimflags value} {-blackbox value}} words {1 1}}
    set_part {options {{-board flag}} words {1 1}}
    create_clock {options {{-period value} {-name value}} words {0 0}}
    set_clock_uncertainty {options {} words {1 2}}
    config_interface {
        options {
            {-clock_enable flag} {-default_slave_interface {none s_axilite}} {-m_axi_addr64 flag}
            {-m_axi_alignment_byte_size power_of_two} {-m_axi_auto_max_ports flag}
            {-m_axi_buffer_impl {auto lutram uram bram}} {-m_axi_conservative_mode flag}
            {-m_axi_latency number} {-m_axi_max_bitwidth power_of_two}
            {-m_axi_max_read_burst_length power_of_two} {-m_axi_max_widen_bitwidth power_of_two}
            {-m_axi_max_write_burst_length power_of_two} {-m_axi_min_bitwidth power_of_two}
            {-m_axi_num_read_outstanding number} {-m_axi_num_write_outstanding number}
            {-m_axi_offset {off direct slave default}} {-register_io {off scalar_in scalar_out scalar_all}}
            {-s_axilite_data64 flag} {-s_axilite_mailbox {both in out none}}
            {-s_axilite_sw_reset flag}
            {-ap_memory_io {bus port} 2025.2} {-m_axi_auto_id_channel flag 2025.2}
        }
        words {0 0}
    }
    config_op {
        options {
            {-impl {all dsp fabric meddsp fulldsp maxdsp primitivedsp auto none}} {-latency number}
            {-precision {low high standard}}
        }
        words {1 1}
    }
    config_dataflow {
        options {
            {-default_channel {fifo pingpong}} {-fifo_depth number} {-start_fifo_depth number}
            {-scalar_fifo_depth number} {-task_level_fifo_depth number}
            {-override_user_fifo_depth number} {-strict_mode {off error warning}}
            {-strict_stable_sync flag} {-disable_fifo_sizing_opt flag}
        }
        words {0 0}
    }
    csim_design {
        options {
            {-O flag} {-argv value} {-clean flag} {-ldflags value} {-setup flag}
            {-mflags value 2022.1} {-profile flag 2022.1}
            {-sanitize_address flag 2025.2} {-sanitize_undefined flag 2025.2}
        }
        words {0 0}
    }
    csynth_design {
        options {{-dump_cfg flag} {-dump_post_cfg flag} {-synthesis_check flag}}
        words {0 0}
    }
    cosim_design {
        options {
            {-O flag} {-argv value} {-compiled_library_dir value} {-coverage flag}
            {-disable_deadlock_detection flag} {-disable_dependency_check flag}
            {-enable_dataflow_profiling flag} {-enable_fifo_sizing flag} {-ldflags value}
            {-random_stall flag} {-rtl {verilog vhdl}} {-setup flag}
            {-tool {auto vcs modelsim riviera isim xsim ncsim xceli}}
            {-trace_level {none all port port_hier}} {-wave_debug flag}
            {-mflags value 2022.1} {-disable_binary_tv flag 2025.2}
            {-enable_tasks_with_m_axi flag 2025.2} {-enable_changing_stable_inputs flag 2025.2}
        }
        words {0 0}
    }
    export_design {
        options {
            {-format {ip_catalog xo syn_dcp sysgen}} {-flow {syn impl}} {-rtl {verilog vhdl}}
            {-vendor value} {-library value} {-ipname value} {-version value}
            {-display_name value} {-description value} {-output value}
        }
        words {0 0}
    }
}
