# SPDX-License-Identifier: Apache-2.0
# Project and block design for the ZCU104: processor, kernel, cycle counter, resets, interconnects.
# For vivado -mode batch -source, 2022.1 to 2025.2; runs in the build folder. ../README.md draws it.
set root $::env(OVERLAY_ROOT)
set build $::env(OVERLAY_BUILD)
source [file join $build settings.tcl]
set common [file join $root overlays common]
set board_part xilinx.com:zcu104:part0:1.1
set ps zynq_ultra_ps_e_0
source [file join $common addresses.tcl]

proc check_version {oldest newest} {
    regexp {^\d+\.\d+} [version -short] here
    if {[package vcompare $here $oldest] < 0} {
        error "Vivado $here is too old; $oldest to $newest do"
    }
    if {[package vcompare $here $newest] > 0} {
        puts "WARNING: Vivado $here is newer than $newest, the last one that this was written for"
    }
}

proc new_project {} {
    global build common part board_part
    create_project -force overlay [file join $build vivado] -part $part
    set has_board [llength [get_board_parts -quiet $board_part]]
    if {$has_board} {
        set_property board_part $board_part [current_project]
    } else {
        puts "WARNING: the board part $board_part is missing in this Vivado: its DDR and I/O settings\
              stay those of the IP. The bitstream is good for a board that booted already, as PYNQ's\
              do; do not make a boot image from this project. Get the ZCU104's board files with\
              Vivado's Tools, Vivado Store, Boards."
    }
    set_property ip_repo_paths [file join $build hls solution impl ip] [current_project]
    update_ip_catalog
    add_files -norecurse [file join $common cycle_counter.v]
    update_compile_order -fileset sources_1
    return $has_board
}

# HPM0 masters the registers, HP0 and HP1 are the kernel's way to memory, EMIO bit 0 resets it.
proc add_processor {has_board} {
    global ps clock_mhz
    set cell [create_bd_cell -type ip -vlnv xilinx.com:ip:zynq_ultra_ps_e $ps]
    if {$has_board} {
        apply_bd_automation -rule xilinx.com:bd_rule:zynq_ultra_ps_e \
            -config {apply_board_preset "1"} $cell
    }
    set_property -dict [list \
        CONFIG.PSU__USE__M_AXI_GP0 1 CONFIG.PSU__MAXIGP0__DATA_WIDTH 128 \
        CONFIG.PSU__USE__M_AXI_GP1 0 CONFIG.PSU__USE__M_AXI_GP2 0 \
        CONFIG.PSU__USE__S_AXI_GP2 1 CONFIG.PSU__SAXIGP2__DATA_WIDTH 128 \
        CONFIG.PSU__USE__S_AXI_GP3 1 CONFIG.PSU__SAXIGP3__DATA_WIDTH 128 \
        CONFIG.PSU__USE__IRQ0 1 CONFIG.PSU__FPGA_PL0_ENABLE 1 \
        CONFIG.PSU__CRL_APB__PL0_REF_CTRL__FREQMHZ $clock_mhz \
        CONFIG.PSU__GPIO_EMIO__PERIPHERAL__ENABLE 1 CONFIG.PSU__GPIO_EMIO__PERIPHERAL__IO 1 \
    ] $cell
}

proc add_cells {} {
    global vendor library design_name ip_version kernel
    create_bd_cell -type ip -vlnv $vendor:$library:$design_name:$ip_version ${kernel}_0
    create_bd_cell -type module -reference cycle_counter cycle_counter_0
    foreach {name masters} {control 2 read 1 write 1} {
        set cell [create_bd_cell -type ip -vlnv xilinx.com:ip:smartconnect ${name}_interconnect]
        set_property -dict [list CONFIG.NUM_SI 1 CONFIG.NUM_MI $masters] $cell
    }
    create_bd_cell -type ip -vlnv xilinx.com:ip:proc_sys_reset control_reset
    set cell [create_bd_cell -type ip -vlnv xilinx.com:ip:proc_sys_reset kernel_reset]
    set_property CONFIG.C_AUX_RESET_HIGH 1 $cell
}

proc pins {names} {
    set found {}
    foreach name $names { lappend found [get_bd_pins $name] }
    return $found
}

proc connect_interface {net from to} {
    connect_bd_intf_net -intf_net $net [get_bd_intf_pins $from] [get_bd_intf_pins $to]
}

# The GPIO's reset leaves the register path alone: an access to a path in reset would hang the bus.
proc connect_cells {} {
    global ps kernel
    set k ${kernel}_0
    connect_bd_net {*}[pins [list $ps/pl_clk0 $ps/maxihpm0_fpd_aclk $ps/saxihp0_fpd_aclk \
        $ps/saxihp1_fpd_aclk $k/ap_clk cycle_counter_0/aclk control_interconnect/aclk \
        read_interconnect/aclk write_interconnect/aclk control_reset/slowest_sync_clk \
        kernel_reset/slowest_sync_clk]]
    connect_bd_net {*}[pins [list $ps/pl_resetn0 control_reset/ext_reset_in kernel_reset/ext_reset_in]]
    connect_bd_net {*}[pins [list $ps/emio_gpio_o kernel_reset/aux_reset_in]]
    connect_bd_net {*}[pins {control_reset/peripheral_aresetn control_interconnect/aresetn
        cycle_counter_0/aresetn}]
    connect_bd_net {*}[pins [list kernel_reset/peripheral_aresetn $k/ap_rst_n cycle_counter_0/active \
        read_interconnect/aresetn write_interconnect/aresetn]]
    connect_bd_net {*}[pins [list $k/interrupt $ps/pl_ps_irq0 cycle_counter_0/done_interrupt]]

    connect_interface control $ps/M_AXI_HPM0_FPD control_interconnect/S00_AXI
    connect_interface kernel_registers control_interconnect/M00_AXI $k/s_axi_control
    connect_interface [get_bd_intf_nets kernel_registers] control_interconnect/M00_AXI \
        cycle_counter_0/kernel
    connect_interface counter_registers control_interconnect/M01_AXI cycle_counter_0/s_axi
    connect_interface kernel_reads $k/m_axi_gmem0 read_interconnect/S00_AXI
    connect_interface memory_reads read_interconnect/M00_AXI $ps/S_AXI_HP0_FPD
    connect_interface kernel_writes $k/m_axi_gmem1 write_interconnect/S00_AXI
    connect_interface memory_writes write_interconnect/M00_AXI $ps/S_AXI_HP1_FPD
}

if {[catch {
    check_version 2022.1 2025.2
    set has_board [new_project]
    create_bd_design overlay
    add_processor $has_board
    add_cells
    connect_cells
    assign_addresses $kernel
    validate_bd_design
    save_bd_design
    make_wrapper -files [get_files overlay.bd] -top -import
    set_property top overlay_wrapper [current_fileset]
    update_compile_order -fileset sources_1
    close_project
    close [open [file join $build bd.done] w]
} message]} {
    puts stderr "ERROR: block design: $message"
    exit 1
}
exit 0
