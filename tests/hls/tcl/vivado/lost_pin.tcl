# reject: lost-pin
source [file join [file dirname [info script]] addressed.tcl]
set_property CONFIG.PSU__GPIO_EMIO__PERIPHERAL__ENABLE 1 $ps
set_property CONFIG.PSU__GPIO_EMIO__PERIPHERAL__IO 1 $ps
connect_bd_net {*}[pins ps/emio_gpio_o reset/aux_reset_in]
set_property CONFIG.PSU__GPIO_EMIO__PERIPHERAL__ENABLE 0 $ps
validate_bd_design
close_project
