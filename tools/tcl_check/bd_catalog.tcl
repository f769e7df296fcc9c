# The IPs of a block design: for a configuration, their pins, interfaces and addresses.
#   pins        name -> {in|out width clock|reset|data required?}
#   interfaces  name -> {master|slave|monitor pin-of-its-clock}
#   spaces      name -> interfaces that it addresses through
#   segments    name -> {interface offset range}; an offset of "any" is the script's to choose
#   configs     names that set_property may give
# From public block designs of the ZCU104 and KV260; README.md says what was not read anywhere.
namespace eval catalog {
    variable gp {S_AXI_GP0 HPC0 S_AXI_GP1 HPC1 S_AXI_GP2 HP0 S_AXI_GP3 HP1 S_AXI_GP4 HP2 S_AXI_GP5 HP3}
    variable versionless {zynq_ultra_ps_e smartconnect proc_sys_reset}

    proc get {config name default} {
        return [expr {[dict exists $config $name] ? [dict get $config $name] : $default}]
    }

    # What is not set is taken as the worse of what the IP or a board preset may have.
    proc zynq_ultra_ps_e {config} {
        variable gp
        set pins {pl_resetn0 {out 1 reset no}}
        set interfaces {}
        set masters {}
        set segments {}
        foreach i {0 1 2 3} {
            if {[get $config PSU__FPGA_PL${i}_ENABLE [expr {$i == 0}]]} {
                dict set pins pl_clk$i {out 1 clock no}
            }
        }
        if {[get $config PSU__USE__IRQ0 0]} { dict set pins pl_ps_irq0 {in 1 data yes} }
        if {[get $config PSU__GPIO_EMIO__PERIPHERAL__ENABLE 0]} {
            set width [get $config PSU__GPIO_EMIO__PERIPHERAL__IO 95]
            dict set pins emio_gpio_i [list in $width data no]
            dict set pins emio_gpio_o [list out $width data no]
            dict set pins emio_gpio_t [list out $width data no]
        }
        foreach {use name} {M_AXI_GP0 HPM0_FPD M_AXI_GP1 HPM1_FPD M_AXI_GP2 HPM0_LPD} {
            if {[get $config PSU__USE__$use 1]} {
                set clock maxi[string tolower $name]_aclk
                dict set pins $clock {in 1 clock yes}
                dict set interfaces M_AXI_$name [list master $clock]
                lappend masters M_AXI_$name
            }
        }
        foreach {use name} $gp {
            if {[get $config PSU__USE__$use 0]} {
                set clock saxi[string tolower $name]_fpd_aclk
                dict set pins $clock {in 1 clock yes}
                dict set interfaces S_AXI_${name}_FPD [list slave $clock]
                set group SAXI[string range $use 6 end]
                foreach {segment offset range} {DDR_LOW 0x0 2G QSPI 0xC0000000 512M LPS_OCM 0xFF000000 16M} {
                    dict set segments $group/${name}_$segment [list S_AXI_${name}_FPD $offset $range]
                }
                if {[info exists ::env(TCL_CHECK_NO_BOARD)]} {
                    dict set segments $group/${name}_DDR_HIGH [list S_AXI_${name}_FPD 0x800000000 2G]
                }
            }
        }
        set configs {
            PSU__USE__M_AXI_GP[0-2] PSU__USE__S_AXI_GP[0-6] PSU__MAXIGP[0-2]__DATA_WIDTH
            PSU__SAXIGP[0-6]__DATA_WIDTH PSU__USE__IRQ[01] PSU__FPGA_PL[0-3]_ENABLE
            PSU__CRL_APB__PL[0-3]_REF_CTRL__FREQMHZ PSU__CRL_APB__PL[0-3]_REF_CTRL__SRCSEL
            PSU__GPIO_EMIO__PERIPHERAL__ENABLE PSU__GPIO_EMIO__PERIPHERAL__IO PSU__GPIO_EMIO_WIDTH
            PSU__NUM_FABRIC_RESETS PSU__HIGH_ADDRESS__ENABLE
        }
        return [dict create pins $pins interfaces $interfaces spaces [list Data $masters] \
            segments $segments configs $configs]
    }

    proc smartconnect {config} {
        set pins {aclk {in 1 clock yes} aresetn {in 1 reset yes}}
        set interfaces {}
        foreach {count letter mode} {NUM_SI S slave NUM_MI M master} {
            for {set i 0} {$i < [get $config $count 1]} {incr i} {
                dict set interfaces [format %s%02d_AXI $letter $i] [list $mode aclk]
            }
        }
        return [dict create pins $pins interfaces $interfaces spaces {} segments {} \
            configs {NUM_SI NUM_MI NUM_CLKS HAS_ARESETN}]
    }

    proc proc_sys_reset {config} {
        set pins {
            slowest_sync_clk {in 1 clock yes} ext_reset_in {in 1 reset yes}
            aux_reset_in {in 1 data no} mb_debug_sys_rst {in 1 data no} dcm_locked {in 1 data no}
            mb_reset {out 1 reset no} bus_struct_reset {out 1 reset no}
            peripheral_reset {out 1 reset no} interconnect_aresetn {out 1 reset no}
            peripheral_aresetn {out 1 reset no}
        }
        return [dict create pins $pins interfaces {} spaces {} segments {} \
            configs {C_AUX_RESET_HIGH C_AUX_RST_WIDTH C_EXT_RESET_HIGH C_EXT_RST_WIDTH}]
    }

    # A kernel of Vitis HLS: its component.xml, as hls_model.tcl writes it
    proc kernel {masters} {
        set pins {ap_clk {in 1 clock yes} ap_rst_n {in 1 reset yes} interrupt {out 1 data no}}
        set interfaces {s_axi_control {slave ap_clk}}
        set spaces {}
        foreach bundle $masters {
            dict set interfaces m_axi_$bundle {master ap_clk}
            dict set spaces Data_m_axi_$bundle m_axi_$bundle
        }
        return [dict create pins $pins interfaces $interfaces spaces $spaces \
            segments {s_axi_control/Reg {s_axi_control any any}} configs {}]
    }
}
