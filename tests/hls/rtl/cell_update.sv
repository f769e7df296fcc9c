// The new cell state: g on the grid of c, then sat(round((f c + i g') / 2^15)), rounded once
// (docs/numerics.md, section 7, steps 2 and 3). Two multipliers, three registers.
// Hand RTL for open tools: evidence on a leaf block, not on what Vitis HLS emits.
module cell_update (
  input clk,
  input signed [15:0] i,
  input signed [15:0] f,
  input signed [15:0] g,
  input signed [15:0] c,
  input [3:0] fraction,
  output reg signed [15:0] c_next
);
  wire signed [15:0] on_grid, result;
  requantise #(.IN(16), .OUT(16), .LEFT(0), .SHIFT(4)) grid (.value(g), .shift(4'd15 - fraction), .result(on_grid));

  reg signed [15:0] i_held, f_held, g_held, c_held;
  reg signed [31:0] kept, added;
`ifdef SEEDED_CELL  // each product is rounded by itself
  wire signed [31:0] sum = ((kept + 16384) & ~32'h7fff) + ((added + 16384) & ~32'h7fff);
`else
  wire signed [31:0] sum = kept + added;
`endif
  requantise #(.IN(32), .OUT(16), .LEFT(0), .SHIFT(4)) rounding (.value(sum), .shift(4'd15), .result(result));
  always @(posedge clk) begin
    i_held <= i;
    f_held <= f;
    g_held <= on_grid;
    c_held <= c;
    kept <= f_held * c_held;
    added <= i_held * g_held;
    c_next <= result;
  end
endmodule
