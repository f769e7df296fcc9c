# SPDX-License-Identifier: Apache-2.0
# One step of Vitis HLS: csim, csynth, cosim or ip, as OVERLAY_STEP says. For vitis_hls -f and for
# vitis-run --mode hls --tcl. Runs in the build folder; writes the step's stamp as its last act.
set root $::env(OVERLAY_ROOT)
set build $::env(OVERLAY_BUILD)
set step $::env(OVERLAY_STEP)
source [file join $build settings.tcl]

# 64-bit addresses and beats of 16 bytes: docs/accelerator_image.md
proc new_project {name} {
    global root build kernel source testbench part clock_mhz multipliers
    set flags "-std=c++14 -I$root/hls_src -I$build"
    open_project -reset $name
    set_top $kernel
    add_files $source -cflags $flags
    if {[file exists $testbench]} {
        add_files -tb $testbench -cflags $flags
    }
    open_solution -reset solution -flow_target vivado
    set_part $part
    create_clock -period [format %.3f [expr {1000.0 / $clock_mhz}]] -name default
    # what no pragma binds, such as addresses, must not take the DSPs that such a design leaves
    if {$multipliers eq "lut"} {
        config_op mul -impl fabric
    }
    config_interface -m_axi_addr64 -m_axi_alignment_byte_size 16 -m_axi_max_widen_bitwidth 128
}

proc run {step} {
    global vectors vendor library design_name ip_version
    switch -- $step {
        csim {
            new_project hls_csim
            csim_design -O -argv $vectors
        }
        csynth {
            new_project hls
            csynth_design
        }
        cosim {
            new_project hls_cosim
            csynth_design
            cosim_design -O -rtl verilog -argv $vectors
        }
        ip {
            open_project hls
            open_solution solution
            export_design -format ip_catalog -rtl verilog -vendor $vendor -library $library \
                -ipname $design_name -version $ip_version -display_name $design_name
        }
        default { error "no step '$step' in hls.tcl" }
    }
    close_project
}

if {[catch {run $step} message]} {
    puts stderr "ERROR: $step: $message"
    exit 1
}
close [open [file join $build $step.done] w]
exit 0
